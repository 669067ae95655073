const long = 'é'.repeat(200);

/** Names of files as those write them who mean harm, or whose systems know other rules; each with what is made of it. */
export const hostileNames: readonly (readonly [given: string, shown: string])[] = [
  // Out of the folder.
  ['../../../../etc/passwd', 'passwd'],
  ['..\\..\\..\\windows\\win.ini', 'win.ini'],
  ['..\\', 'file'],
  ['../', 'file'],
  ['..', 'file'],
  ['.', 'file'],
  ['...', 'file'],
  ['/etc/shadow', 'shadow'],
  ['C:\\autoexec.bat', 'autoexec.bat'],
  ['C:autoexec.bat', 'C_autoexec.bat'],
  ['\\\\server\\share\\a.csv', 'a.csv'],
  ['....//....//a.csv', 'a.csv'],
  ['..%2f..%2fetc%2fpasswd', '%2f..%2fetc%2fpasswd'],
  ['%2e%2e/a.csv', 'a.csv'],
  ['a.csv/..', 'file'],
  ['file:///etc/passwd', 'passwd'],
  // Hidden, or nothing at all.
  ['.htaccess', 'htaccess'],
  ['', 'file'],
  [' ', 'file'],
  ['a.csv. . .', 'a.csv'],
  // Into a header.
  ['a\r\nSet-Cookie: b=c.csv', 'aSet-Cookie_ b=c.csv'],
  ['a\r\n\r\n<script>.csv', 'a_script_.csv'],
  ['a\n.csv', 'a.csv'],
  ['a"; filename="b.exe', 'a_; filename=_b.exe'],
  ["a'; filename*=UTF-8''b.exe", "a'; filename_=UTF-8''b.exe"],
  // What nobody sees.
  ['a\0.csv', 'a.csv'],
  ['a.csv\0.exe', 'a.csv.exe'],
  ['\u202Efdp.exe', 'fdp.exe'],
  ['a\u2066b\u2069.csv', 'ab.csv'],
  ['a\u200Bb\uFEFF.csv', 'ab.csv'],
  ['a\u2028b\u2029.csv', 'ab.csv'],
  ['a\u001B[31m.csv', 'a[31m.csv'],
  ['a\u0085b.csv', 'ab.csv'],
  // Devices.
  ['CON', '_CON'],
  ['nul.csv', '_nul.csv'],
  ['Aux .txt', '_Aux .txt'],
  ['COM1.xlsx', '_COM1.xlsx'],
  ['lpt².csv', '_lpt².csv'],
  ['CONIN$', '_CONIN$'],
  ['console.csv', 'console.csv'],
  ['a.csv:hidden:$DATA', 'a.csv_hidden_$DATA'],
  // Letters of other kinds.
  ['表 – naïve.csv', '表 – naïve.csv'],
  ['e\u0301.csv', 'é.csv'],
  ['\uD800.csv', '\uFFFD.csv'],
  // Longer than file systems take.
  [`${long}.csv`, `${'é'.repeat(118)}.csv`],
  ['a'.repeat(255), 'a'.repeat(240)],
  ['a'.repeat(300) + '.tar.gz', `${'a'.repeat(237)}.gz`],
];

/** Whether a name can be shown in a line, put into a header, and saved under on any system. */
export const isHarmless = (name: string): boolean =>
  name.isWellFormed() &&
  !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\<>:"|?*]/u.test(name) &&
  !/^[.\s]|[.\s]$/.test(name) &&
  name !== '' &&
  Buffer.byteLength(name) <= 255;
