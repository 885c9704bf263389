//! The verdict: whether a panel of segments has drifted, where, and by how much.
