// A page as an embedder writes it: /test/host?room=/r/<slug>&name=<name>&source=<source>. The test sets the keys.
import { mount } from '/embed.js';

const query = new URLSearchParams(location.search);
const room = await mount(document.getElementById('room'), {
  room: query.get('room'),
  name: query.get('name'),
  keys: { source: query.get('source') },
});
globalThis.room = room;
room.onState((state) => {
  globalThis.roomState = state;
});
