import { Link, useSearch } from '@tanstack/react-router';
import { useNameInAddress } from '../shared/address.js';
import { Empty } from '../shared/empty.js';
import { DocumentView } from './document-view.js';
import { kindNamed, kinds } from './kinds.js';
import { toThingSearch, type ThingSearch } from './library-search.js';
import { ResearchView } from './research-view.js';
import { StoryView } from './story-view.js';
import './library.css';

/** Those that have more to show than a line of a list. */
const views: Partial<Record<string, (given: { id: string; search: ThingSearch }) => React.ReactNode>> = {
  documents: DocumentView,
  research: ResearchView,
  stories: StoryView,
};

/** One thing of the library. */
export default function ThingView() {
  const [named, id] = [useNameInAddress('kind'), useNameInAddress('id')];
  const search = toThingSearch(useSearch({ strict: false }));
  const kind = kindNamed(named);
  const View = views[named];
  if (!kind || !View) return <Empty title="There is nothing at this address" />;
  return (
    <>
      <nav aria-label="Back" className="library-back">
        <Link to="/library/$kind" params={{ kind }}>
          ← {kinds[kind]}
        </Link>
      </nav>
      <View key={id} id={id} search={search} />
    </>
  );
}
