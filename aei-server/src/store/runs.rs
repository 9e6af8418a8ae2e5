//! The tables `run` and `run_node`: what was asked for, and how far each node has come.

mod part;
mod read;
mod write;

pub(crate) use part::{
    Ending, insert_part, next_seq, node_began, node_ended, of_command, open_of_node, part, parts,
    set_next_seq,
};
pub(crate) use read::{by_id, expired, page, status_of, summaries};
pub(crate) use write::{delete, insert, insert_imported, reopen, set_state, settle};
