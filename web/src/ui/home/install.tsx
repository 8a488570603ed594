/** Installing the page as an app. Chromium says when it can, and is asked when one wants; others have it in a menu. */
import { signal } from '@preact/signals';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

/** Of Chromium; in no standard and so in no library of types. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

const offer = signal<InstallOffer | null>(null);

/** From the page's start on: the browser says it once, maybe before the first page is drawn. */
export function watchInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // no banner over a call
    offer.value = event as InstallOffer;
  });
  addEventListener('appinstalled', () => {
    offer.value = null;
  });
}

export function Install() {
  const { value } = offer;
  if (!value) return null;
  const install = () => {
    offer.value = null; // it can be asked once
    void value.prompt();
  };
  return (
    <Button weight="plain" icon="device" onClick={install}>
      {text('home.install')}
    </Button>
  );
}
