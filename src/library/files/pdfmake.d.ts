/** What of the package is used. Its own types bring those of a browser with them, into every file. */
declare module 'pdfmake' {
  interface Text {
    text: string;
    bold?: boolean;
    italics?: boolean;
    link?: string;
    color?: string;
  }

  /** In points: left, top, right, bottom. */
  type Margin = readonly [number, number, number, number];

  interface Line {
    type: 'line';
    x1: number;
    y1: number;
    x2: number;
    y2: number;
    lineWidth: number;
  }

  export type Content =
    | { canvas: Line[]; margin: Margin }
    | { columns: { width: number | '*'; text: string | Text[] }[]; margin: Margin }
    | {
        text: Text[];
        bold?: boolean;
        fontSize?: number;
        margin: Margin;
        headlineLevel?: number;
        preserveLeadingSpaces?: boolean;
      };

  interface Definition {
    info: { title: string; creator: string };
    pageSize: 'A4';
    pageMargins: Margin;
    defaultStyle: { font: string; fontSize: number; lineHeight: number };
    content: Content[];
  }

  interface Faces {
    normal: string;
    bold: string;
    italics: string;
    bolditalics: string;
  }

  const pdfmake: {
    setFonts(fonts: Readonly<Record<string, Faces>>): void;
    /** Whether an address may be fetched. */
    setUrlAccessPolicy(policy: (url: string) => boolean): void;
    /** Whether a file may be read. */
    setLocalAccessPolicy(policy: (path: string) => boolean): void;
    createPdf(definition: Definition): { getBuffer(): Promise<Buffer> };
  };
  export default pdfmake;
}
