import { useNow } from '../shared/now.js';
import { duration, time } from '../shared/shown.js';

/** "2 h 10 min", with the moment itself for whoever points at it. Counts on while it is looked at. */
export function For({ since }: { since: string }) {
  const now = useNow();
  return (
    <time dateTime={since} title={time(since)}>
      {duration(Math.max(0, Math.round((now - Date.parse(since)) / 1000)))}
    </time>
  );
}
