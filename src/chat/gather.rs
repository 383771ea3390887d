//! Taking what waits in a channel, many at once, and all of it before the end.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Waits for something and takes up to `most` of it. After the stop nothing more is let in and what waits is still taken;
/// false: nothing is left.
pub async fn take<T>(
    receiver: &mut mpsc::Receiver<T>,
    batch: &mut Vec<T>,
    most: usize,
    stop: &CancellationToken,
) -> bool {
    loop {
        tokio::select! {
            biased;
            taken = receiver.recv_many(batch, most) => return taken > 0,
            () = stop.cancelled(), if !receiver.is_closed() => receiver.close(),
        }
    }
}
