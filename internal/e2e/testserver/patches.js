// Put before the worker's script on its way to the page, for tests only. PATCH is replaced by the server.
{
  const patch = 'PATCH';
  const marker = new TextEncoder().encode('GROTTO-PLAINTEXT-MARKER');

  // Decoders ignore what stands behind a frame; a hostile SFU that could read frames would find it there.
  const hideMarker = () =>
    new TransformStream({
      transform(frame, out) {
        if (frame.data.byteLength === 0) return out.enqueue(frame); // it would not be ignored, but be the frame
        const marked = new Uint8Array(frame.data.byteLength + marker.length);
        marked.set(new Uint8Array(frame.data));
        marked.set(marker, frame.data.byteLength);
        frame.data = marked.buffer;
        out.enqueue(frame);
      },
    });

  const sends = (transformer) => transformer.options.direction === 'seal';

  if (patch === 'marker') {
    const readable = Object.getOwnPropertyDescriptor(RTCRtpScriptTransformer.prototype, 'readable');
    const marked = new WeakMap();
    Object.defineProperty(RTCRtpScriptTransformer.prototype, 'readable', {
      get() {
        if (!sends(this)) return readable.get.call(this);
        if (!marked.has(this)) marked.set(this, readable.get.call(this).pipeThrough(hideMarker()));
        return marked.get(this);
      },
    });
  }

  if (patch === 'identity') {
    addEventListener('rtctransform', (event) => {
      if (!sends(event.transformer)) return;
      event.stopImmediatePropagation();
      event.transformer.readable.pipeThrough(hideMarker()).pipeTo(event.transformer.writable);
    });
  }

  if (patch === 'keyless') {
    let engine;
    const withoutSealing = (call) => (argument) => {
      const answer = JSON.parse(call(argument));
      if (answer.effects) answer.effects = answer.effects.filter((e) => e.type !== 'seal_with');
      return JSON.stringify(answer);
    };
    Object.defineProperty(globalThis, 'grottoEngine', {
      get: () => engine,
      set(real) {
        engine = { ...real, open: withoutSealing(real.open), handle: withoutSealing(real.handle) };
      },
    });
  }

  // The worker dies in the middle of a call: nobody catches this.
  if (patch === 'crash') {
    let engine;
    let calls = 0;
    const counted = (call) => (argument) => {
      if (++calls === 12) {
        setTimeout(() => {
          throw new Error('the worker has died');
        });
      }
      return call(argument);
    };
    Object.defineProperty(globalThis, 'grottoEngine', {
      get: () => engine,
      set(real) {
        engine = { ...real, handle: counted(real.handle) };
      },
    });
  }
}
