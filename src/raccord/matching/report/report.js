(function () {
  var all = function (selector, root) { return Array.from((root || document).querySelectorAll(selector)); };
  var fold = function (text) { return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); };
  var form = document.getElementById("outils");
  var tables = all(".people");
  var rows = [];
  tables.forEach(function (table) {
    all("tbody", table).forEach(function (body, rank) { rows.push({ body: body, table: table, rank: rank }); });
  });
  var text = function (row) { return row.text || (row.text = fold(row.body.rows[0].textContent.replace(/\s+/g, " "))); };
  var value = function (name) { return form.elements[name] ? form.elements[name].value : ""; };
  function filter() {
    var words = fold(value("q")).split(/\s+/).filter(Boolean);
    var lane = value("lane"), school = value("school"), age = value("age").split("-");
    var shown = new Map(), sum = 0;
    rows.forEach(function (row) {
      var data = row.body.dataset;
      var years = data.a === "" ? -1 : +data.a;
      var ok = (!lane || data.l === lane) && (!school || data.u === school) &&
        (age.length < 2 || (years >= +age[0] && years <= +age[1])) &&
        words.every(function (word) { return text(row).indexOf(word) >= 0; });
      row.body.hidden = !ok;
      if (ok) { sum += 1; shown.set(row.table, (shown.get(row.table) || 0) + 1); }
    });
    tables.forEach(function (table) { table.parentNode.hidden = !shown.get(table); });
    form.querySelector("output").textContent = sum === rows.length ? "" :
      sum === 0 ? "Personne ne correspond à cette recherche." : sum + " sur " + rows.length + " lignes affichées.";
  }
  var orders = {
    age: function (row) { return row.body.dataset.a || "999"; },
    date: function (row) { return (row.body.rows[0].cells[2].firstChild.data || "").split("/").reverse().join("") || "0"; }
  };
  function sort() {
    var key = orders[value("sort")];
    rows.slice().sort(function (a, b) {
      var x = key ? key(a) : a.rank, y = key ? key(b) : b.rank;
      return (x < y ? -1 : x > y ? 1 : a.rank - b.rank);
    }).forEach(function (row) { row.table.appendChild(row.body); });
  }
  all(".tel").forEach(function (link) {
    if (/^\d{10}$/.test(link.textContent)) { link.textContent = link.textContent.match(/\d\d/g).join(" "); }
  });
  if (form && rows.length) {
    form.hidden = false;
    var schools = form.elements.school;
    if (schools) {
      all("#etablissements tr[data-u]").forEach(function (line) {
        schools.add(new Option(line.cells[0].firstElementChild.textContent, line.dataset.u));
      });
    }
    form.addEventListener("input", function (event) { if (event.target.name === "sort") { sort(); } else { filter(); } });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.elements.open.addEventListener("click", function () {
      var open = this.getAttribute("aria-pressed") !== "true";
      this.setAttribute("aria-pressed", open);
      all(".people details").forEach(function (one) { one.open = open; });
    });
    form.elements.print.addEventListener("click", function () { window.print(); });
    all("#etablissements a[data-u]").forEach(function (link) {
      link.addEventListener("click", function () { schools.value = link.dataset.u; filter(); });
    });
  }
  all("table.sort").forEach(function (table) {
    all("thead th:not(.wide)", table).forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") !== (column ? "descending" : "ascending");
        var way = column ? (down ? -1 : 1) : (down ? 1 : -1);
        all("th", table.tHead).forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
        var key = function (line) {
          var cell = line.cells[column].textContent;
          return column ? parseInt(cell.replace(/\D/g, ""), 10) || 0 : fold(cell);
        };
        Array.from(table.tBodies[0].rows).map(function (line) { return [key(line), line]; })
          .sort(function (a, b) { return a[0] < b[0] ? -way : a[0] > b[0] ? way : 0; })
          .forEach(function (pair) { table.tBodies[0].append(pair[1]); });
      });
    });
  });
})();
