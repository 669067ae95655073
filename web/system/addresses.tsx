import type { SystemAddress } from '../../job-types/contract/system.js';
import { CopyButton } from '../shared/copy-button.js';

/** Sockets speak another protocol than a browser's address bar. */
const opens = (url: string): boolean => /^(https?:|\/(?!v1\/events))/.test(url);

const whole = (url: string): string => new URL(url, location.origin).href;

/** Where everything else is. */
export function Addresses({ addresses }: { addresses: readonly SystemAddress[] }) {
  return (
    <section className="panel">
      <h2>Addresses</h2>
      <ul className="addresses">
        {addresses.map(({ name, url, about }) => (
          <li key={name}>
            <span>
              {opens(url) ? <a href={url}>{name}</a> : <strong>{name}</strong>}{' '}
              <span className="quiet">{about}</span>
            </span>
            <code>{url.startsWith('/') ? whole(url) : url}</code>
            <CopyButton text={() => (url.startsWith('/') ? whole(url) : url)}>
              Copy<span className="visually-hidden"> the address of {name}</span>
            </CopyButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
