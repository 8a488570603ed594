// The package of @grotto/client lies in ./client, unpacked. The meeting's secret is behind the # of this page's address.
import { effect, newSecret, openCall } from '@grotto/client';

const secret = location.hash.slice(1) || newSecret();
const { meeting } = openCall({ server: 'https://meet.example', room: 'weekly-call', secret });

const people = document.getElementById('people');
const drawn = new Map();

/** One person: a picture, a voice, a name, and the state of their keys. */
function draw(tile) {
  const figure = drawn.get(tile.key) ?? document.createElement('figure');
  if (!drawn.has(tile.key)) {
    figure.append(
      document.createElement('video'),
      document.createElement('audio'),
      document.createElement('figcaption'),
    );
    drawn.set(tile.key, figure);
    people.append(figure);
    meeting.see(tile.key, { width: 640, height: 360 }); // what is not seen is not sent here
  }
  const [video, audio, caption] = figure.children;
  play(video, tile.video, true);
  if (!tile.self) play(audio, tile.audio, false);
  caption.textContent = `${tile.name}: ${tile.state}`;
}

function play(element, stream, muted) {
  if (element.srcObject === stream) return;
  Object.assign(element, { srcObject: stream, muted, autoplay: true, playsInline: true });
}

effect(() => {
  document.getElementById('state').textContent = meeting.problem.value?.message ?? meeting.phase.value;
  const tiles = meeting.tiles.value;
  for (const tile of tiles) draw(tile);
  for (const [key, figure] of drawn) {
    if (tiles.some((tile) => tile.key === key)) continue;
    figure.remove();
    meeting.see(key, null);
    drawn.delete(key);
  }
});
document.getElementById('join').addEventListener('click', () => meeting.join({ name: 'Ada', mic: true, camera: true }));
document.getElementById('leave').addEventListener('click', () => meeting.leave());
