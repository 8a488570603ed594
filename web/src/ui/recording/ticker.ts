// A clock in a thread of its own: timers of a page that lies behind another tick once a second only. It is asked for each
// tick, so that a page that is slow has no more of them waiting than one.
addEventListener('message', ({ data }: MessageEvent<number>) => {
  setTimeout(() => postMessage(null), data);
});
