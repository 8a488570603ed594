/** Which page this is: the server's version and the fingerprint of what it delivers. */
import { useEffect, useState } from 'preact/hooks';
import type { Meeting, PageBuild } from '../../call/view.ts';
import { Notice } from '../controls/notice.tsx';
import { text } from '../strings/text.ts';

export function Build({ meeting }: { meeting: Meeting }) {
  const [build, setBuild] = useState<PageBuild | 'failed' | null>(null);
  useEffect(() => {
    meeting.build().then(setBuild, () => setBuild('failed'));
  }, [meeting]);
  if (build === null) return null;
  return (
    <section>
      <h3>{text('security.page')}</h3>
      <p class="muted">{text('security.page.text')}</p>
      {build === 'failed' ? (
        <p>{text('security.page.failed')}</p>
      ) : (
        <>
          {build.state !== 'current' && <Notice tone="warn" message={text(`security.page.${build.state}`)} />}
          <p>{text('security.page.version', { version: build.version })}</p>
          <p class="encryption-code small">{grouped(build.bundle)}</p>
        </>
      )}
    </section>
  );
}

/** In groups of eight, to be read and to be wrapped. */
function grouped(hash: string): string {
  return hash.match(/.{1,8}/g)?.join(' ') ?? '';
}
