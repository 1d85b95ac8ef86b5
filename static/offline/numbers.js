// Numbers, names and templates, treated exactly as the server treats them.

const MOST_NOISE = 1e-9;

// The exact sum, rounded once (Shewchuk, as math.fsum): the order of the terms must not show in the last digit.
function fsum(terms) {
  const partials = [];
  for (let x of terms) {
    let kept = 0;
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low) partials[kept++] = low;
      x = high;
    }
    partials.length = kept;
    partials.push(x);
  }
  let n = partials.length;
  if (!n) return 0;
  let high = partials[--n];
  let low = 0;
  while (n > 0) {
    const x = high;
    const y = partials[--n];
    high = x + y;
    low = y - (high - x);
    if (low) break;
  }
  // Half-way cases go to the even neighbour, which the parts below decide.
  if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
    const y = low * 2;
    const x = high + y;
    if (y === x - high) high = x;
  }
  return high;
}

// By code points, as Python compares texts; JavaScript compares UTF-16 units, of which a letter may have two.
function compare(one, other) {
  let i = 0;
  while (i < one.length && i < other.length && one[i] === other[i]) i++;
  if (/[\udc00-\udfff]/.test((one[i] ?? "") + (other[i] ?? "")) && /[\ud800-\udbff]/.test(one[i - 1] ?? "")) i--;
  if (i >= one.length || i >= other.length) return one.length - other.length;
  return one.codePointAt(i) - other.codePointAt(i);
}

// worker-2 before worker-10: numbers inside of names count as numbers.
function natural(one, other) {
  const [a, b] = [one.split(/(\p{Nd}+)/u), other.split(/(\p{Nd}+)/u)];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    // Every second part is a number; a name begins with a text, be it an empty one.
    if (i % 2 === 0) {
      const order = compare(a[i], b[i]);
      if (order) return order;
      continue;
    }
    const [x, y] = [a[i].replace(/^0+/, ""), b[i].replace(/^0+/, "")];
    const order = Array.from(x).length - Array.from(y).length || compare(x, y);
    if (order) return order;
  }
  // What ends here is followed by the name itself, which comes after all texts and numbers.
  return b.length - a.length || compare(one, other);
}

function fill(template, values) {
  return template.replace(/\{(\w+)(:,)?\}/g, (_, name, commas) => (commas ? thousands(values[name]) : values[name]));
}

const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
