/** Picks a file to share with those one writes to. */
import { useRef } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';

interface ShareButtonProps {
  disabled: boolean;
  onFile: (file: File) => void;
}

export function ShareButton({ disabled, onFile }: ShareButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = ''; // the same file may be shared again
          if (file) onFile(file);
        }}
      />
      <button
        type="button"
        class="round"
        aria-label={text('files.share')}
        title={text('files.share')}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        <Icon name="attach" />
      </button>
    </>
  );
}
