import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useRef } from 'react';
import { columns, fromColumns } from './columns.js';
import { columnsOf, type ListSearch, sizes } from './filters.js';

/** How the list is drawn: its columns and its length. Both stand in the address, beside the filters. */
export function ViewMenu({ search }: { search: ListSearch }) {
  const navigate = useNavigate({ from: '/' });
  const sizeField = useId();
  const change = (wish: ListSearch) => void navigate({ to: '/', search: { ...search, ...wish } });
  const present = columnsOf(search);
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const leave = ({ target }: Event) => {
      if (menu.current && !(target instanceof Node && menu.current.contains(target)))
        menu.current.open = false;
    };
    const fold = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape' || !menu.current?.open) return;
      menu.current.open = false;
      menu.current.querySelector('summary')?.focus();
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    document.addEventListener('keydown', fold);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
      document.removeEventListener('keydown', fold);
    };
  }, []);
  return (
    <details ref={menu} className="menu">
      <summary className="button">Columns</summary>
      <div className="menu-content">
        {columns.map(({ name, title }) => (
          <label key={name} className="row">
            <input
              type="checkbox"
              checked={present.includes(name)}
              onChange={({ target }) =>
                change({
                  columns: fromColumns(
                    target.checked ? [...present, name] : present.filter((other) => other !== name),
                  ),
                })
              }
            />
            {title}
          </label>
        ))}
        <label className="row" htmlFor={sizeField}>
          Rows
          <select
            id={sizeField}
            value={search.size ?? sizes[0]}
            onChange={({ target }) =>
              change({ size: sizes.find((size) => size === Number(target.value)), page: undefined })
            }
          >
            {sizes.map((size) => (
              <option key={size} value={size}>
                {size}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  );
}
