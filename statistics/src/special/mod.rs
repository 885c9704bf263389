//! Distribution functions and their tails.
