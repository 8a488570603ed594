/** How well a tile's sound and picture get through, measured while one looks. */
import { useEffect, useState } from 'preact/hooks';
import type { Meeting, Numbers, TileView } from '../../call/view.ts';
import { text } from '../strings/text.ts';
import { flowWords } from './flow_words.ts';

const LOOK_MS = 1000;

export function TileNumbers({ meeting, tile }: { meeting: Meeting; tile: TileView }) {
  const numbers = useNumbers(meeting, tile);
  return (
    <section>
      <h3>{text('numbers.title')}</h3>
      {numbers === undefined ? <p class="muted small">{text('numbers.busy')}</p> : <Table numbers={numbers} />}
    </section>
  );
}

function Table({ numbers }: { numbers: Numbers | null }) {
  if (!numbers || !(numbers.picture || numbers.sound)) return <p class="muted small">{text('numbers.none')}</p>;
  const rows: [name: string, words: string[]][] = [
    [text('numbers.picture'), flowWords(numbers.picture)],
    [text('numbers.sound'), flowWords(numbers.sound)],
    [text('numbers.trip'), numbers.roundTripMs === null ? [] : [text('numbers.ms', { ms: numbers.roundTripMs })]],
  ];
  return (
    <dl class="small">
      {rows.map(
        ([name, words]) =>
          words.length > 0 && [
            <dt key={`${name} is`}>{name}</dt>,
            <dd key={name}>
              {words.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </dd>,
          ],
      )}
    </dl>
  );
}

/** Undefined until the first look; of a second there is something only after two. */
function useNumbers(meeting: Meeting, tile: TileView): Numbers | null | undefined {
  const [numbers, set] = useState<Numbers | null>();
  useEffect(() => {
    let over = false;
    const look = () =>
      meeting.stage.numbers(tile).then(
        (now) => over || set(now),
        () => over || set(null),
      );
    void look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [meeting, tile.video, tile.audio]);
  return numbers;
}
