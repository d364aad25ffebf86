//! `Bundle`: a compiled pack.

use crate::error::{text, thrown, thrown_one};
use crate::ledger::trusted;
use glasskey::Sources;
use glasskey::signing::{Envelope, Statement};
use napi::bindgen_prelude::{AsyncTask, Either, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;

#[napi]
pub struct Bundle(pub(crate) glasskey::Bundle);

#[napi(object)]
pub struct SourceFile {
    pub name: String,
    pub content: Either<String, Uint8Array>,
}

fn sources(files: Vec<SourceFile>) -> Sources {
    files.into_iter().fold(Sources::new(), |sources, file| match file.content {
        Either::A(text) => sources.with(file.name, text),
        Either::B(bytes) => sources.with(file.name, bytes.to_vec()),
    })
}

#[napi]
impl Bundle {
    #[napi(factory)]
    pub fn compile(files: Vec<SourceFile>) -> napi::Result<Self> {
        glasskey::Bundle::compile(&sources(files)).map(Self).map_err(|errors| thrown(&errors))
    }

    #[napi]
    pub fn compile_async(files: Vec<SourceFile>) -> AsyncTask<Compile> {
        AsyncTask::new(Compile(sources(files)))
    }

    #[napi(factory)]
    pub fn compile_signed(
        files: Vec<SourceFile>,
        envelope: Option<String>,
        keys: Vec<String>,
    ) -> napi::Result<Self> {
        let keys = trusted(&keys).map_err(thrown_one)?;
        let envelope = envelope.as_ref().map(String::as_bytes);
        let bundle = glasskey::Bundle::compile_signed(&sources(files), envelope, &keys);
        bundle.map(Self).map_err(|errors| thrown(&errors))
    }

    #[napi(factory)]
    pub fn from_compiled(bytes: Uint8Array) -> napi::Result<Self> {
        glasskey::Bundle::from_compiled(&bytes).map(Self).map_err(thrown_one)
    }

    #[napi(factory)]
    pub fn from_compiled_signed(
        bytes: Uint8Array,
        envelope: Option<String>,
        keys: Vec<String>,
    ) -> napi::Result<Self> {
        let keys = trusted(&keys).map_err(thrown_one)?;
        let envelope = envelope.as_ref().map(String::as_bytes);
        let bundle = glasskey::Bundle::from_compiled_signed(&bytes, envelope, &keys);
        bundle.map(Self).map_err(|errors| thrown(&errors))
    }

    #[napi]
    pub fn to_compiled(&self) -> napi::Result<Uint8Array> {
        self.0.to_compiled().map(Uint8Array::from).map_err(thrown_one)
    }

    #[napi]
    pub fn missing_base(files: Vec<SourceFile>) -> Option<String> {
        sources(files).missing_base()
    }

    #[napi(getter)]
    pub fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    #[napi(getter)]
    pub fn signed_by(&self) -> Vec<String> {
        self.0.signed_by().to_vec()
    }

    #[napi(getter)]
    pub fn name(&self) -> String {
        self.0.manifest().name.clone()
    }

    #[napi(getter)]
    pub fn version(&self) -> String {
        self.0.manifest().version.clone()
    }

    #[napi(getter)]
    pub fn schema(&self) -> String {
        self.0.schema_text().to_owned()
    }

    #[napi]
    pub fn outline(&self) -> napi::Result<String> {
        text(&self.0.outline())
    }
}

/// A compilation off the main thread.
pub struct Compile(Sources);

impl Task for Compile {
    type Output = glasskey::Bundle;
    type JsValue = Bundle;

    fn compute(&mut self) -> napi::Result<glasskey::Bundle> {
        glasskey::Bundle::compile(&self.0).map_err(|errors| thrown(&errors))
    }

    fn resolve(&mut self, _: Env, bundle: glasskey::Bundle) -> napi::Result<Bundle> {
        Ok(Bundle(bundle))
    }
}

#[napi]
pub fn verify_bundle(files: Vec<SourceFile>, envelope: String, keys: Vec<String>) -> napi::Result<String> {
    let opened =
        trusted(&keys).and_then(|keys| Ok(Statement::open(&Envelope::parse(envelope.as_bytes())?, &keys)?.0));
    let statement = opened.map_err(thrown_one)?;
    statement.check(sources(files).iter()).map_err(|errors| thrown(&errors))?;
    text(statement.predicate())
}
