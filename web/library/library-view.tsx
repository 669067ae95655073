import { Link, useSearch } from '@tanstack/react-router';
import { useNameInAddress } from '../shared/address.js';
import { Empty } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { DocumentsList } from './documents-list.js';
import { FilesList } from './files-list.js';
import { type KindName, kindNamed, kindNames, kinds } from './kinds.js';
import { type LibrarySearch, toLibrarySearch } from './library-search.js';
import { ResearchList } from './research-list.js';
import { StoriesList } from './stories-list.js';
import { WordsList } from './words-list.js';
import './library.css';

const lists: Partial<Record<string, (given: { search: LibrarySearch }) => React.ReactNode>> = {
  words: WordsList,
  documents: DocumentsList,
  research: ResearchList,
  stories: StoriesList,
  files: FilesList,
} satisfies Record<KindName, unknown>;

/** What jobs have made and people keep: a list a kind. */
export default function LibraryView() {
  const named = useNameInAddress('kind') || 'words';
  const kind = kindNamed(named);
  const search = toLibrarySearch(useSearch({ strict: false }));
  usePageTitle(kind ? kinds[kind] : 'Library');
  const List = lists[named];
  return (
    <>
      <h1>Library</h1>
      <nav aria-label="Kinds" className="tabs">
        {kindNames.map((one) => (
          <Link
            key={one}
            to="/library/$kind"
            params={{ kind: one }}
            className={one === kind ? 'tab tab-here' : 'tab'}
            aria-current={one === kind ? 'page' : undefined}
          >
            {kinds[one]}
          </Link>
        ))}
      </nav>
      {kind && List ? <List search={search} /> : <Empty title="The library has nothing of this kind" />}
    </>
  );
}
