// What the page shows, in short: a fingerprint to see whether it still changes, which of the
// numbers are drawn, and whether something says that it is still at work.
(numbers) => {
  const text = document.body ? document.body.innerText : "";
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) | 0;
  const BUSY = /^\s*(loading|please wait|searching|processing|querying|正在查询|查询中|加载中|正在加载|载入中|请稍[候等后])[^\n]{0,20}$/im;
  const sign = "[aria-busy=true], [role=progressbar], progress, [class*=loading], [class*=spinner], [class*=skeleton]";
  const upper = text.toUpperCase();
  return {
    print: `${location.href} ${text.length} ${sum} ${document.getElementsByTagName("*").length}`,
    drawn: numbers.filter(number => upper.includes(number)),
    busy: BUSY.test(text) || [...document.querySelectorAll(sign)].slice(0, 50).some(visible),
  };
}
