/** A row that does something: an icon, a name, and where it is not plain, a line on what it does. */
import { useId } from 'preact/hooks';
import { Icon, type IconName } from '../icons.tsx';
import './action.css';

interface ActionProps {
  icon: IconName;
  name: string;
  explained?: string;
  onClick: () => void;
}

export function Action({ icon, name, explained, onClick }: ActionProps) {
  const id = useId();
  return (
    <>
      <button type="button" class="action" aria-describedby={explained ? id : undefined} onClick={onClick}>
        <Icon name={icon} />
        <span>{name}</span>
      </button>
      {explained && (
        <p id={id} class="action-explained muted small">
          {explained}
        </p>
      )}
    </>
  );
}
