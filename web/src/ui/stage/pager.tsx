/** Leads from page to page of a grid, and to whoever speaks on another one. */
import type { TileView } from '../../call/view.ts';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import { personName } from './tile_name.ts';
import './pager.css';

interface PagerProps {
  index: number;
  count: number;
  /** Speaks, and is not on this page. */
  elsewhere: TileView | undefined;
  onTurn: (index: number) => void;
  onFind: (tile: TileView) => void;
}

export function Pager({ index, count, elsewhere, onTurn, onFind }: PagerProps) {
  return (
    <nav class="pager" aria-label={text('stage.pages')}>
      <Turn icon="previous" label={text('stage.page.before')} can={index > 0} onClick={() => onTurn(index - 1)} />
      <p class="pager-page" aria-live="polite">
        {text('stage.page', { page: index + 1, count })}
      </p>
      <Turn icon="next" label={text('stage.page.after')} can={index + 1 < count} onClick={() => onTurn(index + 1)} />
      <span class="pager-elsewhere">
        {elsewhere && (
          <button type="button" class="button button-plain" onClick={() => onFind(elsewhere)}>
            {text('stage.elsewhere', { name: personName(elsewhere) })}
          </button>
        )}
      </span>
    </nav>
  );
}

interface TurnProps {
  icon: 'previous' | 'next';
  label: string;
  can: boolean;
  onClick: () => void;
}

/** At the first and last page it does nothing, but keeps the focus. */
function Turn({ icon, label, can, onClick }: TurnProps) {
  return (
    <button
      type="button"
      class="round"
      aria-label={label}
      aria-disabled={!can || undefined}
      onClick={can ? onClick : undefined}
    >
      <Icon name={icon} />
    </button>
  );
}
