//! Every screen, drawn and looked at.
