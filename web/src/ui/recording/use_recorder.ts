/** The recorder of a meeting, for as long as its page: what it saves outlives the call. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Recorder } from './recorder.ts';
import { recorderParts } from './studio.ts';

export function useRecorder(meeting: Meeting, given?: Recorder): Recorder {
  const recorder = useMemo(() => given ?? new Recorder(recorderParts(meeting)), [meeting, given]);
  useSignalEffect(() => {
    const { value } = meeting.phase;
    if (value !== 'in_call' && value !== 'reconnecting') void recorder.stop();
  });
  useEffect(() => {
    // A page that goes takes the open file with it.
    const guard = (event: BeforeUnloadEvent) => {
      const { phase } = recorder.state.value;
      if (phase === 'recording' || phase === 'saving') event.preventDefault();
    };
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [recorder]);
  return recorder;
}
