#!/usr/bin/env bash
# make_runs.sh MKDT FOLDER: reports of real runs in all the states that a run can be in, for the browser tests. Prints
# their paths, separated by colons.
set -euo pipefail
mkdt=$1 folder=$2
cd "$(dirname "$0")/../.."

small=(--set data.shapes_train=120 --set data.shapes_test=100 --set teacher.width=4 --set teacher.epochs=2
  --set teacher.batch=32 --set teacher.projector_dim=16 --set experts.count=2 --set experts.width=4
  --set experts.depth=2 --set experts.batch=32 --set subset.size=10 --set distill.iterations=30
  --set distill.syn_steps=2 --set distill.batch=10 --set pretrain.max_steps=8 --set pretrain.evaluations=2
  --set krr_st.steps=6 --set krr_st.batch=32 --set krr_st.pool=2
  --set evaluate.methods=none,random,krr-st,distilled,full,teacher)
run=("$mkdt" --quiet run configs/demo.toml --report "${small[@]}")

"${run[@]}" --out "$folder/finished"
"${run[@]}" --out "$folder/interrupted" --set distill.iterations=1000000 2> "$folder/said" &
interrupted=$!
for _ in {1..600}; do
  [ ! -e "$folder/interrupted/live/distill.safetensors" ] || break
  sleep 0.1
done
kill -TERM "$interrupted"
wait "$interrupted" || [ $? -eq 143 ]
"${run[@]}" --out "$folder/failed" --set experts.lr=1000 2> "$folder/said" && exit 1
mkdir "$folder/empty"
"$mkdt" --quiet report "$folder/empty"
hostile="$folder/<script>alert(1)<"$'\n'"script>"
cp -r "$folder/finished" "$hostile"
printf '%s\n' '{"time":"","level":"error","message":"</script><script>alert(2)</script>","event":"failed"}' >>"$hostile/log.jsonl"
"$mkdt" --quiet report "$hostile" --out "$folder/hostile.html"
"$mkdt" --quiet report "$folder/finished" "$folder/interrupted" "$folder/failed" --out "$folder/several.html"
for name in finished interrupted failed empty; do printf '%s:' "$folder/$name/report.html"; done
printf '%s:%s\n' "$folder/hostile.html" "$folder/several.html"
