/** The picture of the first page: looking out of a cave over water. Decoration, drawn with the theme's own tones. */
const arches = [
  'M0 560V0h420v560Z',
  'M28 452V262C22 128 104 34 214 30c112-4 186 92 180 226V452Z',
  'M74 452V290C64 178 124 92 212 88c92-4 146 74 140 182V452Z',
  'M118 452V318c-8-92 34-164 98-168 68-4 104 58 98 146V452Z',
  'M158 452V344c-6-68 20-120 62-122 44-2 66 42 62 108V452Z',
];
const light = 'M188 452V366c-3-46 12-80 34-81 24-1 36 28 34 72V452Z';

export function Cave() {
  return (
    <svg class="cave" viewBox="0 0 420 560" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
      {arches.map((d, depth) => (
        <path key={d} d={d} class={`cave-${depth}`} />
      ))}
      <path class="cave-5" d={light} />
      <g class="cave-water" transform="translate(0 904) scale(1 -1)">
        {arches.slice(1).map((d, depth) => (
          <path key={d} d={d} class={`cave-${depth + 1}`} />
        ))}
        <path class="cave-5" d={light} />
      </g>
      <path
        class="cave-ripples"
        d="M206 468h44M190 480h30M228 480h42M176 494h96M160 510h58M232 510h54M184 526h104M150 544h70M236 544h66"
      />
    </svg>
  );
}
