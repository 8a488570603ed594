// A clock in a thread of its own: timers of a page that lies behind another tick once a second only.
addEventListener('message', ({ data }: MessageEvent<number>) => {
  setInterval(() => postMessage(null), data);
});
