// A worker that ticks: the page's own timers stand nearly still while it is hidden, and the camera's picture must not.
const FPS = 30;

setInterval(() => postMessage({ type: 'tick' }), 1000 / FPS);
