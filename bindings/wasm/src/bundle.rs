//! `Bundle`: a compiled pack.

use crate::error::{text, thrown, thrown_one};
use glasskey::Error;
use glasskey::signing::{Envelope, Statement, VerifierKey};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

pub(crate) fn trusted(keys: &[String]) -> Result<Vec<VerifierKey>, Error> {
    keys.iter().map(|key| VerifierKey::parse(key)).collect()
}

/// The files of a pack, one after the other.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sources(glasskey::Sources);

#[wasm_bindgen]
impl Sources {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more, as text.
    #[wasm_bindgen(js_name = withText)]
    pub fn with_text(self, name: String, content: String) -> Self {
        Self(self.0.with(name, content))
    }

    /// One more, as bytes.
    #[wasm_bindgen(js_name = withBytes)]
    pub fn with_bytes(self, name: String, content: Vec<u8>) -> Self {
        Self(self.0.with(name, content))
    }

    /// What a signed statement says of them, if it speaks of just these.
    pub fn verify(&self, envelope: String, keys: Vec<String>) -> Result<String, JsError> {
        let opened = trusted(&keys)
            .and_then(|keys| Ok(Statement::open(&Envelope::parse(envelope.as_bytes())?, &keys)?.0));
        let statement = opened.map_err(thrown_one)?;
        statement.check(self.0.iter()).map_err(|errors| thrown(&errors))?;
        text(statement.predicate())
    }
}

#[cfg(feature = "full")]
#[wasm_bindgen]
impl Sources {
    /// The folder of a pack that they extend and do not hold yet.
    #[wasm_bindgen(js_name = missingBase)]
    pub fn missing_base(&self) -> Option<String> {
        self.0.missing_base()
    }

    /// The pack that they are.
    pub fn compile(&self) -> Result<Bundle, JsError> {
        glasskey::Bundle::compile(&self.0).map(Bundle).map_err(|errors| thrown(&errors))
    }

    /// The pack that they are, once one of the keys has signed it.
    #[wasm_bindgen(js_name = compileSigned)]
    pub fn compile_signed(&self, envelope: Option<String>, keys: Vec<String>) -> Result<Bundle, JsError> {
        let keys = trusted(&keys).map_err(thrown_one)?;
        let envelope = envelope.as_ref().map(String::as_bytes);
        let bundle = glasskey::Bundle::compile_signed(&self.0, envelope, &keys);
        bundle.map(Bundle).map_err(|errors| thrown(&errors))
    }
}

/// A compiled pack.
#[wasm_bindgen]
pub struct Bundle(pub(crate) glasskey::Bundle);

#[wasm_bindgen]
impl Bundle {
    /// A pack from its compiled form.
    #[wasm_bindgen(js_name = fromCompiled)]
    pub fn from_compiled(bytes: Vec<u8>) -> Result<Self, JsError> {
        glasskey::Bundle::from_compiled(&bytes).map(Self).map_err(thrown_one)
    }

    /// A pack from its compiled form, once one of the keys has signed it.
    #[wasm_bindgen(js_name = fromCompiledSigned)]
    pub fn from_compiled_signed(
        bytes: Vec<u8>,
        envelope: Option<String>,
        keys: Vec<String>,
    ) -> Result<Self, JsError> {
        let keys = trusted(&keys).map_err(thrown_one)?;
        let envelope = envelope.as_ref().map(String::as_bytes);
        let bundle = glasskey::Bundle::from_compiled_signed(&bytes, envelope, &keys);
        bundle.map(Self).map_err(|errors| thrown(&errors))
    }

    /// Its compiled form.
    #[cfg(feature = "full")]
    #[wasm_bindgen(js_name = toCompiled)]
    pub fn to_compiled(&self) -> Result<Vec<u8>, JsError> {
        self.0.to_compiled().map_err(thrown_one)
    }

    /// The digest that names it.
    #[wasm_bindgen(getter)]
    pub fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    /// The keys that signed it.
    #[wasm_bindgen(getter, js_name = signedBy)]
    pub fn signed_by(&self) -> Vec<String> {
        self.0.signed_by().to_vec()
    }

    /// The pack's name.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.0.manifest().name.clone()
    }

    /// The pack's version.
    #[wasm_bindgen(getter)]
    pub fn version(&self) -> String {
        self.0.manifest().version.clone()
    }

    /// The whole schema as Cedar text.
    #[wasm_bindgen(getter)]
    pub fn schema(&self) -> String {
        self.0.schema_text().to_owned()
    }

    /// What it holds.
    pub fn outline(&self) -> Result<String, JsError> {
        text(&self.0.outline())
    }
}
