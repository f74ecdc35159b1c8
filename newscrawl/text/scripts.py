"""Whether a text is written in the script that its locale implies."""

from __future__ import annotations

import re

# Pairs of a simplified character and the traditional one it stands for. Only characters that are used in one
# script alone: those that the other one has too, with another meaning (后 里 面 台 干 只 云 于), or that Hong
# Kong spells that way as well (着 税 强), prove nothing and are left out.
_PAIRS = """
国國 会會 来來 时時 说說 这這 们們 个個 为為 对對 发發 动動 学學 过過 还還 进進 两兩 现現 经經 开開 关關 长長
门門 问問 间間 车車 东東 业業 产產 电電 机機 义義 议議 书書 买買 卖賣 钱錢 银銀 财財 资資 贸貿 费費 购購 赛賽
质質 负負 贡貢 贵貴 贷貸 贴貼 贺賀 贝貝 货貨 责責 败敗 账賬 贫貧 贪貪 赔賠 赚賺 赢贏 赠贈 赞贊 轮輪 软軟 转轉
轻輕 载載 较較 辆輛 输輸 辑輯 边邊 达達 运運 远遠 连連 迟遲 选選 递遞 违違 迁遷 医醫 释釋 针針 钢鋼 铁鐵 铜銅
铝鋁 锂鋰 链鏈 锁鎖 键鍵 镇鎮 镜鏡 销銷 错錯 锋鋒 锐銳 闭閉 闻聞 阅閱 阔闊 队隊 阳陽 阴陰 阶階 际際 陆陸 陈陳
险險 随隨 隐隱 难難 静靜 页頁 顶頂 项項 顺順 须須 顾顧 预預 领領 频頻 题題 颜顏 额額 风風 飞飛 饭飯 饮飲 馆館
马馬 驱驅 驾駕 验驗 骑騎 鱼魚 鸟鳥 龙龍 齐齊 龄齡 亚亞 亿億 仅僅 从從 仓倉 仪儀 众眾 优優 伟偉 传傳 伤傷 伦倫
体體 侧側 储儲 债債 倾傾 偿償 兴興 养養 兽獸 军軍 农農 冻凍 凤鳳 创創 则則 刚剛 剂劑 剑劍 劳勞 势勢 勋勳 华華
协協 单單 卫衛 厅廳 历歷 压壓 厌厭 双雙 变變 叙敘 号號 吗嗎 启啟 员員 响響 园園 图圖 圆圓 场場 块塊 坚堅 垄壟
墙牆 壳殼 处處 备備 头頭 夹夾 夺奪 奖獎 妇婦 孙孫 宁寧 实實 审審 宪憲 宽寬 宾賓 寻尋 导導 将將 尔爾 尘塵 层層
属屬 岁歲 岛島 币幣 师師 帐帳 带帶 帮幫 庆慶 库庫 应應 庄莊 张張 弹彈 归歸 录錄 忆憶 态態 总總 恋戀 恶惡 惊驚
惯慣 戏戲 战戰 执執 扩擴 扫掃 扬揚 护護 报報 拟擬 拥擁 择擇 担擔 挤擠 挥揮 损損 换換 掷擲 摆擺 撑撐 数數 断斷
无無 旧舊 显顯 晋晉 晓曉 权權 条條 构構 标標 栋棟 树樹 样樣 桥橋 梦夢 检檢 楼樓 欢歡 欧歐 残殘 毕畢 气氣 汇匯
汉漢 汤湯 沟溝 泽澤 洁潔 测測 济濟 浅淺 润潤 涨漲 渐漸 渔漁 湾灣 湿濕 满滿 滚滾 滨濱 灯燈 灵靈 灾災 炉爐 炼煉
点點 烂爛 热熱 爱愛 牵牽 犹猶 独獨 狱獄 猎獵 环環 玛瑪 码碼 碍礙 矿礦 离離 积積 称稱 稳穩 穷窮 窃竊 竞競 笔筆
签簽 简簡 粮糧 紧緊 纪紀 约約 红紅 纯純 纲綱 纳納 纵縱 纷紛 纸紙 纺紡 纽紐 线線 练練 组組 细細 织織 终終 绍紹
绕繞 绘繪 给給 络絡 绝絕 统統 继繼 绩績 绪緒 续續 维維 综綜 绿綠 缓緩 编編 缩縮 缴繳 网網 罗羅 罚罰 职職 联聯
聪聰 肤膚 脑腦 腾騰 舰艦 艺藝 节節 苏蘇 药藥 莱萊 获獲 营營 萨薩 蓝藍 虑慮 补補 装裝 规規 观觀 视視 览覽 觉覺
誉譽 计計 订訂 认認 讨討 让讓 训訓 讯訊 记記 讲講 许許 论論 设設 访訪 证證 评評 识識 诉訴 诊診 词詞 译譯 试試
诚誠 询詢 该該 详詳 语語 误誤 请請 诸諸 诺諾 读讀 课課 谁誰 调調 谈談 谋謀 谢謝 贯貫 跃躍 轨軌 辞辭 办辦 务務
劝勸 区區 乐樂 乡鄉 习習 严嚴 丽麗 举舉 乌烏 临臨 亏虧 争爭 伪偽 兰蘭 凭憑 刘劉 吴吳 呜嗚 啸嘯
"""

SIMPLIFIED = frozenset(pair[0] for pair in _PAIRS.split())
TRADITIONAL = frozenset(pair[1] for pair in _PAIRS.split())

# By script: the characters that belong there, and those that do not.
_OWN_AND_OTHER = {
    script: tuple(re.compile(f"[{''.join(sorted(characters))}]") for characters in sides)
    for script, sides in {"Hans": (SIMPLIFIED, TRADITIONAL), "Hant": (TRADITIONAL, SIMPLIFIED)}.items()
}
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_LETTERS = re.compile("[A-Za-z]+")

# How many characters of a text are looked at: enough to tell, and a long text costs no more.
_LOOKED_AT = 1_500
# A text with fewer Chinese characters is not judged: headlines often hold foreign names.
_FEWEST_HAN = 40
# How many different characters of the other script make a text one of that script, and how many times as many
# as those of its own there must be. A quotation and the names of a few companies stay below; a text of a
# hundred characters has about a dozen.
_FEWEST_OTHERS = 8
_TIMES_AS_MANY = 4
# Latin letters without one Chinese character that make a text not Chinese: two or three sentences.
_FEWEST_LETTERS = 200


def is_of_other_script(text: str, script: str | None) -> bool:
    """Tell whether a text is certainly not written in a script (``Latn``, ``Hans``, ``Hant``).

    True for Chinese where Latin letters should be, for simplified characters in place of traditional
    ones or the reverse, and for Latin letters alone where Chinese should be. False wherever there is doubt:
    for short and mixed texts, and for any other script. Only the first 1,500 characters count, except that
    a text with one Chinese character anywhere is not taken for Latin letters alone.
    """
    if script == "Latn":
        return not text.isascii() and _is_chinese(text[:_LOOKED_AT])
    if script not in _OWN_AND_OTHER:
        return False
    own, other = _OWN_AND_OTHER[script]
    head = text[:_LOOKED_AT]
    others = len(set(other.findall(head)))
    # First, because nearly every text is decided here, after one pass.
    if others < _FEWEST_OTHERS:
        return _HAN.search(text) is None and _length(_LETTERS, head) >= _FEWEST_LETTERS
    return _length(_HAN, head) >= _FEWEST_HAN and others >= _TIMES_AS_MANY * len(set(own.findall(head)))


def _is_chinese(text: str) -> bool:
    # One Chinese character stands for three or four letters, so a text with more of them than of letters is
    # Chinese with names in it.
    han = _length(_HAN, text)
    return han >= _FEWEST_HAN and han >= _length(_LETTERS, text)


def _length(runs: re.Pattern[str], text: str) -> int:
    return sum(map(len, runs.findall(text)))
