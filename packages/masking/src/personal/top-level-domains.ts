/** Country codes that are top-level domains (ISO 3166-1 and the IANA root zone): every one of two ASCII letters. */
const countryCodes = new Set(
  `ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca
  cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr
  ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm
  jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq
  mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa
  re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn
  to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw`.split(/\s+/),
);
/** Ends of file names and of member expressions, none of them a top-level domain. */
const fileEnds = new Set(
  `png jpg jpeg gif svg webp bmp ico css scss sass less js mjs cjs jsx ts tsx json yaml yml xml html htm vue lock tgz gz
  tar txt csv log pdf exe dll jar class java php rb go conf cfg ini toml sql swift kt gradle map wasm length name value`.split(
    /\s+/,
  ),
);

/** Whether a host may end so: two ASCII letters are a country, more letters any name but a file's end. */
export function isTopLevelDomain(label: string): boolean {
  const name = label.toLowerCase();
  if (/^[a-z]{2}$/.test(name)) return countryCodes.has(name);
  return (
    !fileEnds.has(name) &&
    (name.startsWith('xn--') || label === name || label === label.toUpperCase() || /^.[^A-Z]+$/.test(label))
  );
}
