//! The program as its users meet it: the command line, what it prints, what it leaves on the disk.
//!
//! One file a topic. Every test has a directory of its own, with the discs that it needs and a root;
//! none of them needs the rights of root.

mod adopt;
mod adopt_esxi;
mod advice;
mod answer;
mod bootable;
mod centos;
mod check;
mod damage;
mod dry_run;
mod entry;
mod esxi;
mod extract;
mod faults;
mod foreign;
mod generate;
mod hierarchy;
mod inspect;
mod interrupt;
mod join;
mod json;
mod kills;
mod list;
mod listing;
mod media;
mod menu;
mod name;
mod output;
mod process;
mod prune;
mod random;
mod refresh;
mod remove;
mod render;
mod reuse;
mod server;
mod settle;
mod shared;
mod site;
mod sums;
mod target;
mod ubuntu;
mod windows;
