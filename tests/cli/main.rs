//! The program as its users meet it: the command line, what it prints, what it leaves on the disk.
//!
//! One file a topic. Every test has a directory of its own, with the discs that it needs and a root;
//! none of them needs the rights of root.

mod adopt;
mod answer;
mod centos;
mod damage;
mod dry_run;
mod esxi;
mod extract;
mod foreign;
mod generate;
mod hierarchy;
mod inspect;
mod interrupt;
mod join;
mod json;
mod listing;
mod menu;
mod name;
mod output;
mod process;
mod remove;
mod reuse;
mod server;
mod shared;
mod site;
mod target;
mod ubuntu;
mod windows;
