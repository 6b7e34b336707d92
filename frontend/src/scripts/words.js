// The few sentences scripts say, translated by the server into one element of the page.
export function word(name, values = {}) {
  const words = document.getElementById("script-words");
  const sentence = words?.dataset[name] ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
