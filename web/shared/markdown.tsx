import MarkdownIt, { type Token } from 'markdown-it';
import { createElement, Fragment, type ReactNode } from 'react';

/** What HTML stands in the text stays text. */
const parser = new MarkdownIt({ html: false, linkify: false, breaks: true });

/** What Markdown can say; headings begin below those of the page. Nothing that loads, runs or submits is here. */
const elements: Readonly<Record<string, string>> = {
  p: 'p',
  ...{ h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', h6: 'h6' },
  ...{ ul: 'ul', ol: 'ol', li: 'li', blockquote: 'blockquote', hr: 'hr', br: 'br' },
  ...{ em: 'em', strong: 'strong', s: 's', code: 'code' },
  ...{ table: 'table', thead: 'thead', tbody: 'tbody', tr: 'tr', th: 'th', td: 'td' },
};

const webAddress = (href: unknown): string | undefined =>
  typeof href === 'string' && /^(https?:|mailto:)/i.test(href) ? href : undefined;

interface Open {
  token: Token;
  children: ReactNode[];
}

/** Makes elements of the parser's tokens, so that no text ever becomes HTML. */
function toNodes(tokens: readonly Token[]): ReactNode[] {
  const root: ReactNode[] = [];
  const open: Open[] = [];
  const add = (node: ReactNode) => (open.at(-1)?.children ?? root).push(node);
  tokens.forEach((token, index) => {
    if (token.nesting === 1) open.push({ token, children: [] });
    else if (token.nesting === -1) {
      const closed = open.pop();
      if (closed) add(toElement(closed, index));
    } else add(<Fragment key={index}>{leaf(token)}</Fragment>);
  });
  return root;
}

function toElement({ token, children }: Open, key: number): ReactNode {
  // Paragraphs of a tight list.
  if (token.hidden) return <Fragment key={key}>{children}</Fragment>;
  if (token.tag === 'a') {
    return (
      <a key={key} href={webAddress(token.attrGet('href'))} rel="noreferrer noopener" target="_blank">
        {children}
      </a>
    );
  }
  return createElement(elements[token.tag] ?? 'span', { key }, ...children);
}

function leaf(token: Token): ReactNode {
  if (token.type === 'inline') return toNodes(token.children ?? []);
  if (token.type === 'fence' || token.type === 'code_block') {
    return (
      <pre>
        <code>{token.content}</code>
      </pre>
    );
  }
  if (token.type === 'code_inline') return <code>{token.content}</code>;
  if (token.type === 'softbreak' || token.type === 'hardbreak') return <br />;
  if (token.type === 'hr') return <hr />;
  // A picture would be fetched from somebody else: what it shows is said instead.
  return token.content;
}

/** Text that somebody else wrote, as Markdown. */
export default function Markdown({ text }: { text: string }) {
  return <div className="prose">{toNodes(parser.parse(text, {}))}</div>;
}
