#!/usr/bin/env bash
# Make pipeline/reports/page/data/d3.min.js and its licences from the packages of D3, pinned. Needs node and npm.
#   benchmarks/bundle_d3.sh [FOLDER]    default: where `clean report` reads them
set -euo pipefail
target="$(realpath "${1:-"$(dirname "$0")/../pipeline/reports/page/data"}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --no-audit --no-fund --ignore-scripts --save-exact \
  d3-array@3.2.5 d3-axis@3.0.1 d3-format@3.1.3 d3-sankey@0.12.3 d3-scale@4.0.3 d3-selection@3.0.1 d3-shape@3.2.1 esbuild@0.28.2
cat > parts.js << 'END'
export { extent, max, min } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { format } from "d3-format";
export { sankey, sankeyLinkHorizontal } from "d3-sankey";
export { scaleLinear, scaleUtc } from "d3-scale";
export { select } from "d3-selection";
export { line } from "d3-shape";
END
packages="$(find node_modules -name package.json -path '*/d3-*/package.json' -o -name package.json -path '*/internmap/package.json' | sort)"
node_modules/.bin/esbuild parts.js --bundle --minify --format=iife --global-name=d3 --target=es2020 --charset=ascii \
  --banner:js="/*! Parts of D3 (d3js.org), made by benchmarks/bundle_d3.sh; licences: d3.LICENSE.txt */" --outfile="$target/d3.min.js"
{
  echo "d3.min.js holds code of these packages; the licence of each follows."
  for each in $packages; do
    echo
    node -p "const p = require('./$each'); '== ' + p.name + ' ' + p.version + ', ' + p.license"
    cat "$(dirname "$each")/LICENSE"
  done
} > "$target/d3.LICENSE.txt"
