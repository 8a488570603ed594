/** Shows the current toast. The live region is always there, for one that comes with its words is not read out. */
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import type { Toasts } from './toasts.ts';
import './toaster.css';

export function Toaster({ toasts }: { toasts: Toasts }) {
  const message = toasts.current.value;
  return (
    <div class="toaster" aria-live="polite">
      {message && (
        <div class="toast" key={message}>
          <span>{message}</span>
          <button type="button" class="round" aria-label={text('call.close')} onClick={() => toasts.dismiss()}>
            <Icon name="close" small />
          </button>
        </div>
      )}
    </div>
  );
}
