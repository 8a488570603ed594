/** Shows the current toast. The live region is always there, for one that comes with its words is not read out. */
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import type { Toasts } from './toasts.ts';
import './toaster.css';

export function Toaster({ toasts }: { toasts: Toasts }) {
  const toast = toasts.current.value;
  return (
    <div class="toaster" aria-live="polite">
      {toast && (
        <div class="toast" key={toast.message}>
          <span class="toast-message">{toast.message}</span>
          {toast.offer && (
            <button
              type="button"
              class="toast-offer"
              onClick={() => {
                toast.offer?.run();
                toasts.dismiss();
              }}
            >
              {toast.offer.label}
            </button>
          )}
          <button type="button" class="round" aria-label={text('call.close')} onClick={() => toasts.dismiss()}>
            <Icon name="close" small />
          </button>
        </div>
      )}
    </div>
  );
}
