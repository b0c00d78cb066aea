//! Why a chunk's bytes were refused: codes for machines, sentences for people. Judges nothing.

/// Why [`inspect`](super::inspect) refused a chunk. Every variant is final for these bytes: no state
/// of any document can make them acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// Longer than `ByteLimits::max_bytes`.
    #[error("the change is longer than a change may be")]
    TooBig,
    /// The first four bytes are not automerge's.
    #[error("these bytes are no automerge data: the first four bytes are others")]
    Magic,
    /// 0 document, 2 compressed change, 3 bundle, others unknown.
    #[error("this is chunk type {0}, and only plain changes (type 1) are taken from devices")]
    ChunkType(u8),
    /// The bytes end inside a field.
    #[error("the bytes end in the middle of a field")]
    Truncated,
    /// The declared length differs from the bytes present, or bytes follow the columns.
    #[error("the declared length is not the length of the bytes, or bytes follow the last column")]
    Length,
    /// The checksum is not the start of the chunk's SHA-256.
    #[error("the checksum does not match the bytes: they were damaged or forged")]
    Checksum,
    /// A LEB128 number with redundant bytes.
    #[error("a number is written with more bytes than it needs")]
    Overlong,
    /// A LEB128 number over 64 bits.
    #[error("a number has more than 64 bits")]
    NumberTooLarge,
    /// More than `ByteLimits::max_deps`.
    #[error("the change depends on more changes than it may")]
    TooManyDeps,
    /// Unsorted or repeated.
    #[error("the dependencies are not in ascending order, or one is repeated")]
    DepsOrder,
    /// No deps, yet sequence number and first operation are not both 1.
    #[error("the change depends on nothing, yet it is not the first change of a document")]
    RootChange,
    /// Outside `ByteLimits::actor_len`.
    #[error("an actor id has the wrong length")]
    ActorLength,
    /// 0, or over `ByteLimits::max_seq`.
    #[error("the sequence number is out of range")]
    Seq,
    /// 0, or an operation counter over `ByteLimits::max_counter`.
    #[error("the first operation's number is out of range")]
    StartOp,
    /// Outside `ByteLimits::time_ms`.
    #[error("the time is out of range (milliseconds from 1970 to 2100)")]
    Time,
    /// Over `ByteLimits::max_message`.
    #[error("the message is longer than it may be")]
    MessageSize,
    /// Text that is not UTF-8.
    #[error("a text is not valid UTF-8")]
    Utf8,
    /// More than `ByteLimits::max_actors`.
    #[error("the change refers to more actors than it may")]
    TooManyActors,
    /// Not strictly ascending, or the author among them.
    #[error("the table of other actors is not ascending, repeats one, or lists the author")]
    ActorOrder,
    /// An actor in the table that no operation refers to.
    #[error("the table of other actors lists one that no operation refers to")]
    UnusedActor,
    /// A column that a change does not have.
    #[error("column {0} is none that a change has")]
    UnknownColumn(u32),
    /// The deflate bit of a column.
    #[error("a column is compressed, which a plain change never is")]
    DeflatedColumn,
    /// Columns not strictly ascending.
    #[error("the columns are not in ascending order, or one is repeated")]
    ColumnOrder,
    /// A column of no bytes.
    #[error("a column is listed but empty")]
    EmptyColumn,
    /// Insert, action, value or predecessor count is missing.
    #[error("a column that every operation needs is missing")]
    MissingColumn,
    /// More than `ByteLimits::max_preds`.
    #[error("the operations together replace more values than a change may")]
    TooManyPreds,
    /// Fewer rows than operations.
    #[error("a column has fewer rows than the change has operations")]
    ShortColumn,
    /// More rows than operations, or than `ByteLimits::max_ops`.
    #[error("a column claims more rows than the change has operations, or than a change may have")]
    LongColumn,
    /// Runs that automerge's encoder would have written differently. They parse and apply, and then
    /// the saved document does not load.
    #[error("a column is encoded in a way that automerge's own encoder never uses")]
    Runs,
    /// A null in a column that has none.
    #[error("a column has a null where a value is needed")]
    Null,
    /// Not make, set, delete or increment. Tables are among the unknown: automerge panics in them.
    #[error("operation kind {0} is not supported")]
    UnknownAction(u64),
    /// Bytes left over in the raw value column.
    #[error("bytes are left over behind the last value")]
    ValueBytes,
    /// A value that is malformed, or does not fit its operation.
    #[error("a value is malformed, or does not fit its operation")]
    Value,
    /// Over `ByteLimits::max_counter_step`.
    #[error("a counter starts at, or moves by, more than it may")]
    CounterStep,
    /// An index beyond the actor table.
    #[error("an operation refers to an actor that is not in the change's table")]
    ActorIndex,
    /// An operation counter out of range.
    #[error("an operation refers to an operation number out of range")]
    OpCounter,
    /// A reference to itself or to a later operation.
    #[error("an operation refers to itself or to a later one")]
    ForwardReference,
    /// Object actor and counter disagree, or the object is no container.
    #[error("an operation writes into something that is no container")]
    Object,
    /// Containers deeper than `ByteLimits::max_nesting`.
    #[error("the change nests containers deeper than it may")]
    Nesting,
    /// Key columns that contradict each other or the object.
    #[error("an operation's key does not fit its container, or contradicts itself")]
    Key,
    /// An element that is no element of this object.
    #[error("an operation refers to a list element that is not in its list")]
    Element,
    /// Predecessors out of order, repeated, of another place, missing or unexpected.
    #[error("an operation replaces values out of order, of another place, or none where it must")]
    Pred,
    /// Two operations of one change that write one property without the later naming the earlier.
    #[error("two operations of one change write in one place without the later replacing the earlier")]
    Rival,
    /// An element of a text that is written over: texts are inserted into and deleted from. With two values
    /// at one element automerge panics when one of them goes.
    #[error("an operation writes over an element of a text")]
    Text,
    /// Insert on an operation that cannot insert.
    #[error("an operation is marked as an insert and cannot be one, or is not and must be")]
    Insert,
    /// Marks on text are switched off: one that ends before it begins poisons the saved document.
    #[error("marks on text are not supported")]
    Mark,
}

impl Refusal {
    /// The stable code for the wire and for quarantine.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooBig => "bytes.too_big",
            Self::Magic => "bytes.magic",
            Self::ChunkType(_) => "bytes.chunk_type",
            Self::Truncated => "bytes.truncated",
            Self::Length => "bytes.length",
            Self::Checksum => "bytes.checksum",
            Self::Overlong => "bytes.overlong",
            Self::NumberTooLarge => "bytes.number_too_large",
            Self::TooManyDeps => "bytes.too_many_deps",
            Self::DepsOrder => "bytes.deps_order",
            Self::RootChange => "bytes.root_change",
            Self::ActorLength => "bytes.actor_length",
            Self::Seq => "bytes.seq",
            Self::StartOp => "bytes.start_op",
            Self::Time => "bytes.time",
            Self::MessageSize => "bytes.message_size",
            Self::Utf8 => "bytes.utf8",
            Self::TooManyActors => "bytes.too_many_actors",
            Self::ActorOrder => "bytes.actor_order",
            Self::UnusedActor => "bytes.unused_actor",
            Self::UnknownColumn(_) => "bytes.unknown_column",
            Self::DeflatedColumn => "bytes.deflated_column",
            Self::ColumnOrder => "bytes.column_order",
            Self::EmptyColumn => "bytes.empty_column",
            Self::MissingColumn => "bytes.missing_column",
            Self::TooManyPreds => "bytes.too_many_preds",
            Self::ShortColumn => "bytes.short_column",
            Self::LongColumn => "bytes.long_column",
            Self::Runs => "bytes.runs",
            Self::Null => "bytes.null",
            Self::UnknownAction(_) => "bytes.unknown_action",
            Self::ValueBytes => "bytes.value_bytes",
            Self::Value => "bytes.value",
            Self::CounterStep => "bytes.counter_step",
            Self::ActorIndex => "bytes.actor_index",
            Self::OpCounter => "bytes.op_counter",
            Self::ForwardReference => "bytes.forward_reference",
            Self::Object => "bytes.object",
            Self::Nesting => "bytes.nesting",
            Self::Key => "bytes.key",
            Self::Element => "bytes.element",
            Self::Pred => "bytes.pred",
            Self::Rival => "bytes.rival",
            Self::Insert => "bytes.insert",
            Self::Text => "bytes.text",
            Self::Mark => "bytes.mark",
        }
    }
}
