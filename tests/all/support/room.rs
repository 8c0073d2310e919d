//! A thread with room for the SDK.

use std::panic::resume_unwind;

/// Runs a test with a stack of 64 MiB: the unoptimised code of the SDK's types, which hold every shape that AWS knows, overflows
/// the 2 MiB that test threads have.
pub fn with_room<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime needs nothing that can be missing");
        runtime.block_on(test());
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run);
    // The test fails with the panic that happened, not with one about a thread.
    if let Err(panic) = thread.expect("a thread can be started").join() {
        resume_unwind(panic);
    }
}
