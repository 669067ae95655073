/** Where a page that takes text for HTML, Markdown or a template for code would run or fetch something. */
const seeds: readonly string[] = [
  '<img src=x onerror="window.ran=1">',
  '<script>window.ran=1</script>',
  '<svg onload=window.ran=1>',
  '<svg><script>window.ran=1</script></svg>',
  '<math><mtext><script>window.ran=1</script></mtext></math>',
  '"><iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
  "'-window.ran=1-'",
  '<iframe src="javascript:parent.ran=1"></iframe>',
  '<a href="javascript:window.ran=1">x</a>',
  '<a href="data:text/html,<script>opener.ran=1</script>">x</a>',
  '<body onload=window.ran=1>',
  '<input autofocus onfocus=window.ran=1>',
  '<details open ontoggle=window.ran=1>',
  '<video src=http://127.0.0.1:9/v onerror=window.ran=1></video>',
  '<object data=http://127.0.0.1:9/o></object>',
  '<embed src=http://127.0.0.1:9/e>',
  '<link rel=stylesheet href=http://127.0.0.1:9/s.css>',
  '<style>@import "http://127.0.0.1:9/i.css";</style>',
  '<div style="background:url(http://127.0.0.1:9/b.png)">',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<base href=http://127.0.0.1:9/>',
  '<form action=http://127.0.0.1:9/><input name=a></form>',
  '<template><img src=x onerror=window.ran=1></template>',
  '<noscript><p title="</noscript><img src=x onerror=window.ran=1>"></noscript>',
  '<!--><img src=x onerror=window.ran=1>-->',
  '[x](javascript:window.ran=1)',
  '[x](JaVaScRiPt:window.ran=1)',
  '[x](java\tscript:window.ran=1)',
  '[x](&#106;avascript:window.ran=1)',
  '[x](data:text/html;base64,PHNjcmlwdD5vcGVuZXIucmFuPTE8L3NjcmlwdD4=)',
  '[x](vbscript:msgbox)',
  '[x]: javascript:window.ran=1\n\n[x]',
  '![x](http://127.0.0.1:9/p.png)',
  '![x](//127.0.0.1:9/p.png "t")',
  '<https://127.0.0.1:9/autolink>',
  '[x](http://127.0.0.1:9/a"onmouseover="window.ran=1)',
  "{{constructor.constructor('window.ran=1')()}}",
  '${window.ran=1}',
  '\u202e<gmi crs=x>\u2066<img src=x onerror=window.ran=1>',
  '\u0001<scr\u0000ipt>window.ran=1</script>',
];

/** What stands around it, in Markdown and out of it. */
const around: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `# ${text}`,
  (text) => `- ${text}`,
  (text) => `> ${text}`,
  (text) => `| a |\n| - |\n| ${text} |`,
  (text) => `\`\`\`html\n${text}\n\`\`\``,
  (text) => `[${text}](https://example.org/)`,
  (text) => `**${text}**`,
  (text) => text.toUpperCase(),
  (text) => `${text}\n${text}`,
];

/** By which it is found in the page. */
export const markOf = (index: number): string => `hostile${index}.`;

/** So many texts, no two alike, each with its mark. What is long or has lines is drawn as Markdown, the rest in a line. */
export const hostileTexts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const seed = seeds[index % seeds.length] ?? '';
    const wrap = around[Math.floor(index / seeds.length) % around.length] ?? String;
    const text = wrap(`${seed} ${markOf(index)}`);
    return index % 2 === 0 ? `${text}\n\n${seed}` : text;
  });
