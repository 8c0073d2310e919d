//! The range as the AWS SDK sees it.

mod credentials;
mod directory;
mod faults;
mod organization;
mod served;
mod sessions;
