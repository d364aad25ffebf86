//! The core's types, read from its source as serde reads them.

use super::model::{Kind, Member, Shape, Shapes, Type};
use crate::locks::source;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::{
    Attribute, Field, Fields, GenericArgument, Item, ItemEnum, ItemStruct, LitStr, PathArguments, Variant,
};

/// What callers send: there, instants and durations may be the language's own.
const ASKED: &[&str] = &["Request", "FactsDocument", "Command"];
/// What they get.
const ANSWERED: &[&str] = &[
    "Error",
    "Decision",
    "Explanation",
    "Evidence",
    "Ignored",
    "Outline",
    "Applied",
    "RequestRecord",
    "Grant",
    "Extension",
    "Entry",
    "Ledger",
    "Checkpoint",
    "VerifyReport",
    "Recorded",
    "Divergence",
    "Counterfactual",
    "Timeline",
    "Residual",
    "Verdict",
    "Found",
    "Disclosure",
    "Predicate",
];
/// Names that would be those of handles, or that say more on the outside.
const RENAMED: &[(&str, &str)] = &[
    ("Code", "ErrorCode"),
    ("Error", "ErrorData"),
    ("Request", "RequestDocument"),
    ("Ledger", "LedgerState"),
    ("IncidentPatch", "IncidentReport"),
    ("ShiftPatch", "ShiftReport"),
    ("WindowPatch", "WindowReport"),
    ("TaskPatch", "TaskReport"),
];
/// Members whose shape is wider in the source than what stands there.
const KNOWN_BETTER: &[(&str, &str, &str)] = &[
    ("Evidence", "facts", "FactsDocument"),
    ("Review", "verdict", "ReviewVerdict"),
    ("ReviewRecord", "verdict", "ReviewVerdict"),
    ("Happened", "verdict", "ReviewVerdict"),
];
/// Unions that are flattened into a record, of which there is one for each variant then.
const SPREAD: &[&str] = &["What", "Act", "Happened"];
/// Types of one name: what the one in this folder is called.
const TWICE: &[(&str, &str, &str)] = &[("lifecycle/", "Verdict", "ReviewVerdict")];

/// An item of the source that may cross.
enum Found {
    Struct(ItemStruct),
    Enum(ItemEnum),
    Words(String, Vec<String>),
}

/// Reads all shapes that can be reached from what is asked and answered.
pub fn read() -> Result<Shapes, String> {
    let mut reader =
        Reader { found: BTreeMap::new(), texts: BTreeSet::new(), asked: BTreeSet::new(), out: Vec::new() };
    for file in source::core()? {
        let parsed: syn::File =
            syn::parse2(file.tokens).map_err(|e| format!("core/src/{}: {e}", file.path))?;
        parsed.items.into_iter().for_each(|item| reader.take(&file.path, item));
    }
    reader.texts.extend(["Quorum".to_owned()]);
    for name in ASKED {
        reader.mark(name);
    }
    for name in ASKED.iter().chain(ANSWERED) {
        reader.visit(name)?;
    }
    Ok(reader.out)
}

struct Reader {
    found: BTreeMap<String, Found>,
    /// Types that are a text on the wire.
    texts: BTreeSet<String>,
    /// Types that callers send.
    asked: BTreeSet<String>,
    out: Shapes,
}

impl Reader {
    fn take(&mut self, path: &str, item: Item) {
        let named = |ident: &syn::Ident| {
            let twice = TWICE.iter().find(|(folder, name, _)| path.starts_with(folder) && ident == name);
            twice.map_or_else(|| ident.to_string(), |(.., own)| (*own).to_owned())
        };
        match item {
            Item::Struct(item) => {
                self.found.insert(named(&item.ident), Found::Struct(item));
            }
            Item::Enum(item) => {
                self.found.insert(named(&item.ident), Found::Enum(item));
            }
            Item::Macro(item) => {
                let name = item.mac.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
                match name.as_str() {
                    "codes" => self.words("Code", "What went wrong, by name.", &item.mac.tokens),
                    "reasons" => self.words("ReasonCode", "A reason by name.", &item.mac.tokens),
                    "words" => self.named_words(&item.mac.tokens),
                    "text_on_the_wire" => self.texts.extend(first_ident(&item.mac.tokens)),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn words(&mut self, name: &str, doc: &str, tokens: &TokenStream) {
        let literals = tokens.clone().into_iter().filter_map(|t| match t {
            TokenTree::Literal(literal) => syn::parse_str::<LitStr>(&literal.to_string()).ok(),
            _ => None,
        });
        self.found
            .insert(name.to_owned(), Found::Words(doc.to_owned(), literals.map(|l| l.value()).collect()));
    }

    /// `words! { /// doc\n Name { … } }`
    fn named_words(&mut self, tokens: &TokenStream) {
        let Some(name) = first_ident(tokens) else { return };
        let mut groups = tokens.clone().into_iter().filter_map(|t| match t {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        });
        let doc = groups.next().map(|attribute| attribute.to_string()).unwrap_or_default();
        let doc = doc.split('"').nth(1).unwrap_or_default().trim().to_owned();
        let body = tokens.clone().into_iter().last();
        if let Some(TokenTree::Group(body)) = body {
            self.words(&name, &doc, &body.stream());
        }
    }

    /// Marks what callers send, and all in it.
    fn mark(&mut self, name: &str) {
        if !self.asked.insert(name.to_owned()) {
            return;
        }
        let fields: Vec<syn::Type> = match self.found.get(name) {
            Some(Found::Struct(item)) => item.fields.iter().map(|f| f.ty.clone()).collect(),
            Some(Found::Enum(item)) => {
                item.variants.iter().flat_map(|v| v.fields.iter().map(|f| f.ty.clone())).collect()
            }
            _ => Vec::new(),
        };
        for ty in fields {
            idents(&ty).iter().for_each(|name| self.mark(name));
        }
    }

    /// Adds a shape, after those that it names.
    fn visit(&mut self, name: &str) -> Result<String, String> {
        let outside = renamed(name);
        if self.out.iter().any(|(known, _)| *known == outside) {
            return Ok(outside);
        }
        if self.texts.contains(name) {
            let doc = match self.found.get(name) {
                Some(Found::Struct(item)) => doc(&item.attrs),
                Some(Found::Enum(item)) => doc(&item.attrs),
                _ => String::new(),
            };
            self.add(&outside, doc, Kind::Text);
            return Ok(outside);
        }
        let (doc, kind) = match self.found.remove(name) {
            Some(Found::Words(doc, words)) => (doc, Kind::Words(words)),
            Some(Found::Struct(item)) => (doc(&item.attrs), self.record(name, &item)?),
            Some(Found::Enum(item)) => (doc(&item.attrs), self.choice(name, &item)?),
            None => return Err(format!("no shape `{name}` in the core")),
        };
        self.add(&outside, doc, kind);
        Ok(outside)
    }

    fn add(&mut self, name: &str, doc: String, kind: Kind) {
        self.out.push((name.to_owned(), Shape { doc, kind }));
    }

    fn record(&mut self, name: &str, item: &ItemStruct) -> Result<Kind, String> {
        if name == "Support" {
            return self.support();
        }
        let whole = serde(&item.attrs);
        let own: Vec<&Field> = item.fields.iter().filter(|f| !serde(&f.attrs).contains("flatten")).collect();
        let mut members = own.iter().map(|f| self.member(name, f, &whole)).collect::<Result<Vec<_>, _>>()?;
        for field in item.fields.iter().filter(|f| serde(&f.attrs).contains("flatten")) {
            let inner = idents(&field.ty).pop().unwrap_or_default();
            match self.visit_inner(&inner)? {
                Kind::Record(more) => members.extend(more),
                Kind::Union(variants) => return self.spread(name, &members, &variants),
                Kind::Text | Kind::Words(_) => return Err(format!("`{inner}` cannot be flattened")),
            }
        }
        Ok(Kind::Record(members))
    }

    /// A support names one thing; its own reader says so.
    fn support(&mut self) -> Result<Kind, String> {
        let member = |name: &str, is: Type, doc: &str| Member {
            name: name.to_owned(),
            doc: doc.to_owned(),
            is,
            optional: true,
        };
        Ok(Kind::Record(vec![
            member("incident", Type::Text, "The incident's id."),
            member("epoch", Type::Int, "The incident's epoch that is meant; the current one, if not given."),
            member("shift", Type::Text, "The shift's id."),
            member("window", Type::Text, "The window's id."),
            member("task", Type::Text, "The task's id."),
        ]))
    }

    /// The shape of something that is flattened into another.
    fn visit_inner(&mut self, name: &str) -> Result<Kind, String> {
        self.visit(name)?;
        let at = self.out.iter().position(|(known, _)| *known == renamed(name));
        at.map(|at| self.out[at].1.kind.clone()).ok_or_else(|| format!("no shape `{name}`"))
    }

    /// One record for each variant that is flattened into it.
    fn spread(&mut self, name: &str, members: &[Member], variants: &[Type]) -> Result<Kind, String> {
        let mut all = Vec::new();
        for variant in variants.iter().flat_map(Type::names).map(str::to_owned).collect::<Vec<_>>() {
            let at = self.out.iter().position(|(known, _)| *known == variant);
            let (inner, shape) = self.out.remove(at.ok_or_else(|| format!("no shape `{variant}`"))?);
            let Kind::Record(more) = shape.kind else { return Err(format!("`{variant}` is no record")) };
            let short = SPREAD.iter().find_map(|whole| inner.strip_prefix(whole)).unwrap_or(&inner);
            let own = format!("{name}{short}");
            self.add(&own, shape.doc, Kind::Record([members, &more].concat()));
            all.push(Type::Named(own));
        }
        // What was spread does not stand alone.
        self.out.retain(|(known, _)| !SPREAD.contains(&known.as_str()));
        Ok(Kind::Union(all))
    }

    fn choice(&mut self, name: &str, item: &ItemEnum) -> Result<Kind, String> {
        let whole = serde(&item.attrs);
        if item.variants.iter().all(|v| matches!(v.fields, Fields::Unit)) && tag(&whole).is_none() {
            return Ok(Kind::Words(item.variants.iter().map(|v| snake(&v.ident.to_string())).collect()));
        }
        let variants = item.variants.iter().map(|v| self.variant(name, v, tag(&whole).as_deref()));
        Ok(Kind::Union(variants.collect::<Result<_, _>>()?))
    }

    fn variant(&mut self, name: &str, variant: &Variant, tag: Option<&str>) -> Result<Type, String> {
        let word = snake(&variant.ident.to_string());
        let own = format!("{name}{}", variant.ident);
        let members = match (tag, &variant.fields) {
            (None, Fields::Unit) => return Ok(Type::Word(word)),
            (None, Fields::Unnamed(fields)) => {
                let inner = fields.unnamed.first().ok_or("an empty variant")?;
                vec![Member {
                    name: word,
                    doc: String::new(),
                    is: self.of(&inner.ty, self.asked.contains(name))?,
                    optional: false,
                }]
            }
            (None, Fields::Named(_)) => return Err(format!("`{own}` is of a form that is not known here")),
            (Some(tag), fields) => {
                let first = Member {
                    name: tag.to_owned(),
                    doc: String::new(),
                    is: Type::Word(word),
                    optional: false,
                };
                let mut members = vec![first];
                for field in fields {
                    if serde(&field.attrs).contains("flatten") {
                        let inner = idents(&field.ty).pop().unwrap_or_default();
                        let Kind::Record(more) = self.visit_inner(&inner)? else {
                            return Err(format!("`{inner}`"));
                        };
                        members.extend(more);
                    } else {
                        members.push(self.member(name, field, "")?);
                    }
                }
                members
            }
        };
        self.add(&own, doc(&variant.attrs), Kind::Record(members));
        Ok(Type::Named(own))
    }

    fn member(&mut self, record: &str, field: &Field, whole: &str) -> Result<Member, String> {
        let own = serde(&field.attrs);
        let rust = field
            .ident
            .as_ref()
            .map(|i| i.to_string().trim_start_matches("r#").to_owned())
            .unwrap_or_default();
        let asked = self.asked.contains(record);
        let name = quoted(&own, "rename = ").unwrap_or(rust);
        let better = KNOWN_BETTER.iter().find(|(r, m, _)| *r == record && *m == name);
        let mut is = match better {
            Some((_, _, better)) => Type::Named(self.visit(better)?),
            None => self.of(&field.ty, asked).map_err(|why| format!("{record}.{name}: {why}"))?,
        };
        let skipped = own.contains("skip_serializing_if");
        let maybe = matches!(is, Type::Maybe(_));
        let defaults = own.contains("default") || whole.contains("default") || maybe;
        if !asked
            && skipped
            && let Type::Maybe(inner) = is
        {
            is = *inner;
        }
        Ok(Member { name, doc: doc(&field.attrs), is, optional: skipped || (asked && defaults) })
    }

    fn of(&mut self, ty: &syn::Type, asked: bool) -> Result<Type, String> {
        let path = match ty {
            syn::Type::Path(path) => path,
            syn::Type::Reference(to) => return self.of(&to.elem, asked),
            _ => return Err("a type of a form that is not known here".to_owned()),
        };
        let last = path.path.segments.last().ok_or("an empty path")?;
        let arguments: Vec<&syn::Type> = match &last.arguments {
            PathArguments::AngleBracketed(all) => all
                .args
                .iter()
                .filter_map(|a| match a {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        Ok(match (last.ident.to_string().as_str(), arguments.as_slice()) {
            ("Option", [of]) => Type::Maybe(Box::new(self.of(of, asked)?)),
            ("Box" | "Arc", [of]) => self.of(of, asked)?,
            ("Vec" | "BTreeSet", [of]) => Type::List(Box::new(self.of(of, asked)?)),
            ("BTreeMap" | "Map", [_, of]) => Type::Map(Box::new(self.of(of, asked)?)),
            ("String" | "SmolStr" | "str", []) => Type::Text,
            ("bool", []) => Type::Bool,
            ("u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "usize", []) => Type::Int,
            ("Value", []) => Type::Any,
            ("Circumstances", []) => Type::Map(Box::new(Type::Any)),
            ("Instant" | "Span", []) if !asked => Type::Text,
            (name @ ("Instant" | "Span"), []) => Type::Named(name.to_owned()),
            (name, _) => Type::Named(self.visit(name)?),
        })
    }
}

fn renamed(name: &str) -> String {
    RENAMED.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| to).to_owned()
}

/// The text of all serde attributes.
fn serde(attributes: &[Attribute]) -> String {
    let own = attributes.iter().filter(|a| a.path().is_ident("serde"));
    own.filter_map(|a| a.meta.require_list().ok().map(|list| list.tokens.to_string()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn tag(serde: &str) -> Option<String> {
    quoted(serde, "tag = ")
}

fn quoted(serde: &str, name: &str) -> Option<String> {
    let rest = &serde[serde.find(name)? + name.len()..];
    rest.split('"').nth(1).map(str::to_owned)
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|a| a.path().is_ident("doc")).filter_map(|a| {
        match &a.meta.require_name_value().ok()?.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                Some(text.value().trim().to_owned())
            }
            _ => None,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The identifiers in a type.
fn idents(ty: &syn::Type) -> Vec<String> {
    let syn::Type::Path(path) = ty else { return Vec::new() };
    let Some(last) = path.path.segments.last() else { return Vec::new() };
    let mut all = vec![last.ident.to_string()];
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        for argument in &arguments.args {
            if let GenericArgument::Type(ty) = argument {
                all.extend(idents(ty));
            }
        }
    }
    all
}

fn first_ident(tokens: &TokenStream) -> Option<String> {
    tokens.clone().into_iter().find_map(|t| match t {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    })
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
