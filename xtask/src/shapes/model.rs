//! What a shape is, in no language yet.

/// Everything that crosses, each before what names it.
pub type Shapes = Vec<(String, Shape)>;

/// One named shape.
#[derive(Clone, Debug)]
pub struct Shape {
    pub doc: String,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    /// A text of a form of its own.
    Text,
    /// One of some words.
    Words(Vec<String>),
    /// An object.
    Record(Vec<Member>),
    /// One of some shapes.
    Union(Vec<Type>),
}

#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    pub doc: String,
    pub is: Type,
    pub optional: bool,
}

#[derive(Clone, Debug)]
pub enum Type {
    Text,
    Int,
    Bool,
    Any,
    Word(String),
    Named(String),
    List(Box<Type>),
    Map(Box<Type>),
    Maybe(Box<Type>),
}

impl Type {
    /// The names of the shapes in it.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Named(name) => vec![name],
            Self::List(of) | Self::Map(of) | Self::Maybe(of) => of.names(),
            Self::Text | Self::Int | Self::Bool | Self::Any | Self::Word(_) => Vec::new(),
        }
    }
}
