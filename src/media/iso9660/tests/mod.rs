//! The whole reader, on images built byte by byte and on images that other programs make.

mod builder;
mod damage;
mod hierarchy;
mod tools;
mod tree;
mod zisofs;
