//! The range as the AWS SDK sees it.

mod containment;
mod credentials;
mod directory;
mod faults;
mod organization;
mod policies;
mod queues;
mod served;
mod sessions;
mod trail;
mod weather;
