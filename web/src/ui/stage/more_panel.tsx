/** What is needed seldom: inviting, polls, the keys, and what this browser keeps. */
import type { TermsView } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { text } from '../strings/text.ts';
import { Panel } from './panel.tsx';
import type { PanelName } from './panels.tsx';

interface MorePanelProps {
  terms: TermsView;
  onOpen: (panel: PanelName) => void;
  onClose: () => void;
}

export function MorePanel({ terms, onOpen, onClose }: MorePanelProps) {
  return (
    <Panel id="more" title={text('call.more')} onClose={onClose}>
      <ul>
        <li>
          <Action icon="link" name={text('invite.title')} onClick={() => onOpen('invite')} />
        </li>
        {terms.has('polls') && (
          <li>
            <Action icon="poll" name={text('polls.title')} onClick={() => onOpen('polls')} />
          </li>
        )}
        {terms.has('captions') && (
          <li>
            <Action icon="captions" name={text('captions.title')} onClick={() => onOpen('captions')} />
          </li>
        )}
        <li>
          <Action icon="bell" name={text('notify.title')} onClick={() => onOpen('notify')} />
        </li>
        <li>
          <Action icon="settings" name={text('settings.title')} onClick={() => onOpen('settings')} />
        </li>
        <li>
          <Action icon="lock" name={text('encryption.title')} onClick={() => onOpen('encryption')} />
        </li>
        <li>
          <Action icon="device" name={text('device.title')} onClick={() => onOpen('device')} />
        </li>
        {terms.has('recording') && (
          <li>
            <Action icon="record" name={text('recording.title')} onClick={() => onOpen('recording')} />
          </li>
        )}
        <li>
          <Action icon="keyboard" name={text('call.shortcuts')} onClick={() => onOpen('shortcuts')} />
        </li>
      </ul>
    </Panel>
  );
}
