/** The picture of the first page: looking out of a cave over water. Decoration, drawn with the theme's own tones. */
const arches = [
  'M0 560V0h420v560Z',
  'M28 560V262C22 128 104 34 214 30c112-4 186 92 180 226v304Z',
  'M74 560V290C64 178 124 92 212 88c92-4 146 74 140 182v290Z',
  'M118 560V318c-8-92 34-164 98-168 68-4 104 58 98 146v264Z',
  'M158 560V344c-6-68 20-120 62-122 44-2 66 42 62 108v230Z',
];
const light = 'M188 560V366c-3-46 12-80 34-81 24-1 36 28 34 72v203Z';

export function Cave() {
  return (
    <svg class="cave" viewBox="0 0 420 560" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
      {arches.map((d, depth) => (
        <path key={d} d={d} class={`cave-${depth}`} />
      ))}
      <path class="cave-5" d={light} />
      <path class="cave-0" d="M0 452h420v108H0Z" />
      <g class="cave-water" transform="translate(0 904) scale(1 -1)">
        {arches.slice(1).map((d, depth) => (
          <path key={d} d={d} class={`cave-${depth + 1}`} />
        ))}
        <path class="cave-5" d={light} />
      </g>
      <path class="cave-ripples" d="M176 470h92M150 492h56M222 492h60M168 518h40M216 518h70M128 540h96" />
    </svg>
  );
}
